# One image for web, worker and beat: the same scripts a plain machine uses (script/setup, script/entry).
FROM debian:bookworm-slim

ENV LC_ALL=C.UTF-8 PYTHONUNBUFFERED=1 UV_COMPILE_BYTECODE=1
WORKDIR /srv/app

# First what changes seldom, so that a change of the code does not install everything again.
COPY script/lib.sh script/setup script/
COPY requirements requirements
COPY package.json package-lock.json ./
RUN script/setup && rm -rf /var/lib/apt/lists/* /root/.cache /root/.npm

COPY . .
RUN useradd --uid 10001 --home-dir /srv/app --no-create-home --shell /usr/sbin/nologin app \
 && mkdir -p /srv/var /srv/keys && chown app:app /srv/var /srv/keys
USER app
# The cache is for fonts: without it every drawing process would read all of them first.
ENV VAR_DIR=/srv/var KEYS_DIR=/srv/keys XDG_CACHE_HOME=/srv/var/cache HOST=0.0.0.0 PORT=8000 DEBUG=0
VOLUME ["/srv/var", "/srv/keys"]
EXPOSE 8000
CMD ["script/entry", "web"]
