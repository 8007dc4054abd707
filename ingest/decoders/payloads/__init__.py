"""Formats found inside private elements: pure readers of bytes or text.

They know a layout and nothing of DICOM elements; the decoders beside this folder say which element
holds which format, so one format (the protocol text, say) can serve several elements without one
decoder importing another.
"""
