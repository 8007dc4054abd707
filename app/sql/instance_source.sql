-- The file that one instance was read from; $instance is its instance_id. Asked with identifiers,
-- by the server only, to draw a picture: the path never reaches the page.
SELECT uri, container, size, mtime FROM files WHERE file_id = $instance
