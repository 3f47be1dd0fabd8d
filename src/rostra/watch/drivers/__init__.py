"""The watch's own sockets, disks and services; `app` alone imports them."""
