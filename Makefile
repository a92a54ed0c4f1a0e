# Each does all the set-up it needs, on a machine that has Debian 12 and Python 3.11. The work is in .make/.
#   make run                 the portal with its demo, on http://localhost:8000 (PORT=8010 for another)
#   make test                all tests, also in a browser (ARGS="projects -k approval" for some)
#   make bench               how fast it is, as ratios (ARGS="--rows import --scale 0.1"; docs/performance.md)
#   make check               linters, types, migrations, translations, deployment settings
#   make lock                compile the dependencies of pyproject.toml anew
#   make clean               remove all that the others made, private databases included
.PHONY: run test bench check lock clean

run test bench check lock clean:
	@python3 .make $@
