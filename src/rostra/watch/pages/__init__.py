"""The watch's pages in HTML that needs no script: pure functions of a board and its charts."""
