# Sluice as one image for every service: the package that `npm pack` gives, beside what its agents need.

FROM node:24-bookworm-slim AS build
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN mkdir /packed && npm pack --pack-destination /packed

FROM node:24-bookworm-slim
# The jail, the browser that renders, a shell's usual tools for agents. Debian mends them; pinned versions would stay broken.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap ca-certificates chromium curl fonts-liberation git openssh-client procps ripgrep tini \
 && rm -rf /var/lib/apt/lists/*
# No script of a dependency runs: Node 24 is here already, and the terminal comes built.
RUN --mount=type=bind,from=build,source=/packed,target=/packed \
    npm install --prefix /opt/sluice --omit=dev --ignore-scripts --no-audit --no-fund /packed/*.tgz \
 && npm cache clean --force
# Whose repository is served owns what is written: `--build-arg UID=$(id -u) --build-arg GID=$(id -g)`.
ARG UID=1000
ARG GID=1000
RUN install -d -m 0700 -o ${UID} -g ${GID} /var/lib/sluice /var/lib/sluice/home
ENV PATH=/opt/sluice/node_modules/.bin:$PATH \
    HOME=/var/lib/sluice/home \
    SLUICE_DATA=/var/lib/sluice
WORKDIR /opt/sluice/node_modules/sluice
VOLUME /var/lib/sluice
USER ${UID}:${GID}
# Reaps what agents leave behind, also where it is not the first process.
ENTRYPOINT ["tini", "-s", "--"]
CMD ["sluice", "--help"]
