"""The DICOM attributes that become columns of ``instances``, grouped as the standard groups them."""
