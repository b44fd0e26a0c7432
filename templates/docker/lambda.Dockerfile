# The image of the pipeline's functions, for AWS Lambda. Nothing here needs a network but the pull of the base image:
# everything is in the archives. BASE needs Node.js 22.13 or newer as `node` on its PATH, glibc and libstdc++.
ARG BASE=node:24-bookworm-slim
FROM ${BASE}

# One layer each, unpacked as it is: what changes least comes first, a new model is a new last layer. Times and modes in
# the archives are fixed, so that the same content is the same layer and is pushed and pulled once.
ADD runtime.tar /
ADD server.tar /
ADD configuration.tar /
ADD model.tar /

ENV NODE_ENV=production

# Lambda has a user of its own in its place, and mounts all but /tmp read-only.
USER 1000:1000

# The runtime is in the program: no base image of AWS is needed. The command says which function it is: transcribe or load.
ENTRYPOINT ["node", "/app/lambda.mjs"]
CMD ["transcribe"]
