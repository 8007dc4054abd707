-- One study: $study is its StudyInstanceUID.
SELECT * FROM studies WHERE StudyInstanceUID = $study
