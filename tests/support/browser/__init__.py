"""A real browser for the tests: headless Chromium out of an npm package, told what to do over a pipe."""
