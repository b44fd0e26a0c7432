# The serving image of one model. Nothing here needs a network but the pull of the base image: everything is in the archives.
# BASE needs Node.js 22.13 or newer as `node` on its PATH, glibc and libstdc++; no shell, no npm.
ARG BASE=node:24-bookworm-slim
FROM ${BASE}

# One layer each, unpacked as it is: what changes least comes first, a new model is a new last layer. Times and modes in
# the archives are fixed, so that the same content is the same layer and is pushed and pulled once.
ADD runtime.tar /
ADD server.tar /
ADD configuration.tar /
ADD model.tar /

ENV NODE_ENV=production MLOPS_HOST=0.0.0.0
ARG PORT=8080
# Of /metrics, which the port of the service does not answer then. With an empty MLOPS_METRICS_PORT it does.
ARG METRICS_PORT=9090
ENV MLOPS_METRICS_PORT=${METRICS_PORT}
EXPOSE ${PORT} ${METRICS_PORT}

# By number, so that Kubernetes can see that it is not root. The files are root's: the server cannot change them.
USER 1000:1000

# Ready for traffic, asked of the server itself. Kubernetes has probes of its own and does not run this.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["node", "/app/health-check.mjs"]

# Node.js is process 1 and gets SIGTERM itself: no shell and no entrypoint script in between.
ENTRYPOINT []
CMD ["node", "/app/server.mjs"]
