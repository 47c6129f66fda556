"""Whether the tests notice when the code that makes numbers is changed: see README.md."""
