# countersign as an image: no shell, no root, and nothing is ever written. Mount policies, keys and the gateway file
# below /etc/countersign, and say where requests go with COUNTERSIGN_UPSTREAM or in that file:
#
#   docker run --rm -p 8080:8080 --read-only --cap-drop=ALL --ulimit core=0 \
#     -v "$PWD/policies:/etc/countersign/policies:ro" -e COUNTERSIGN_UPSTREAM=http://orders.internal:9000 IMAGE
#
# Another verb: docker run --rm -p 8080:8080 IMAGE demo

FROM node:26-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY bin ./bin
COPY src ./src
RUN node scripts/build.ts

FROM node:26-trixie-slim AS dependencies
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM gcr.io/distroless/nodejs26-debian13
LABEL org.opencontainers.image.title="countersign" \
      org.opencontainers.image.description="Signs a short-lived JWT for every outbound request, as policy files declare."
COPY --from=dependencies /src/node_modules /app/node_modules
COPY --from=build /src/dist /app/dist
COPY package.json /app/package.json
COPY bin /app/bin
COPY policies /app/policies
# What is mounted here is found without a flag: countersign.yaml, and policies.
WORKDIR /etc/countersign
USER 65532:65532
# Inside a container loopback reaches nobody; what is published decides who does.
ENV COUNTERSIGN_LISTEN=0.0.0.0:8080 \
    COUNTERSIGN_MANAGEMENT=0.0.0.0:9090
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["/nodejs/bin/node", "--permission", "--allow-fs-read=/app/", "--allow-net", \
       "--disable-warning=ExperimentalWarning", "/app/bin/countersign.js", "health"]
# Node itself, which takes signals as they are sent; npm does not pass them on faithfully. It may read these folders
# and use the network, and nothing else: no file is written, no process and no thread is started. The one addon is
# bcrypt, whose loader asks for /etc/alpine-release. Without V8's middle compiler a proxy under load takes 30 MB less.
ENTRYPOINT ["/nodejs/bin/node", "--no-maglev", \
            "--permission", "--allow-fs-read=/app/", "--allow-fs-read=/etc/countersign", \
            "--allow-fs-read=/etc/countersign/", "--allow-fs-read=/run/secrets/", \
            "--allow-fs-read=/etc/alpine-release", \
            "--allow-net", "--allow-addons", "--disable-sigusr1", \
            "--disable-warning=ExperimentalWarning", "--disable-warning=PERM0001", \
            "/app/bin/countersign.js"]
CMD ["serve"]
