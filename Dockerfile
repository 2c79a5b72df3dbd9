# One image for all services, for docker-compose.yml and for Kubernetes. Its root filesystem is made by the program that `npm run image` runs where
# there is no Docker (dev/image/): Node with its shared libraries and certificates, the sources and packages that the programs import, nothing else.
# There is no shell in it and nothing that writes, so a read-only root does.
#
# The same commit makes the same image:
#   docker build --build-arg REVISION=$(git rev-parse HEAD) --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) -t rentmesh:dev .
ARG NODE_VERSION=26.10.0
ARG MAVEN_VERSION=3.9

# buf/validate/validate.proto, of the version that the pom says.
FROM maven:${MAVEN_VERSION}-eclipse-temurin-21 AS rules
COPY dev/engines/protovalidate/pom.xml dev/engines/protovalidate/files.sha256 /rules/
RUN mvn -B -ntp -q -C -f /rules/pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack-dependencies \
    -DoutputDirectory=/rules/out -DexcludeTransitive=true -Dmdep.unpack.includes=buf/validate/validate.proto \
    && cd /rules/out && sha256sum -c /rules/files.sha256

FROM node:${NODE_VERSION}-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# As package-lock.json says. Not `npm ci`: that refuses a lock file without the packages of other platforms, which not every registry mirror has.
RUN npm install --no-save --no-audit --no-fund
COPY . .
COPY --from=rules /rules/out/buf .rentmesh/protovalidate/buf
ARG SOURCE_DATE_EPOCH=0
RUN SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} node dev/bootstrap.mjs image --root /image

FROM scratch
COPY --from=build /image/machine /
COPY --from=build /image/app /
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rentmesh" \
      org.opencontainers.image.description="Reservation systems as TypeScript gRPC services on an Istio service mesh, with Kafka events and a saga, runnable on a laptop without containers" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/usr/local/bin NODE_ENV=production SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 10001:10001
WORKDIR /app
EXPOSE 50051
STOPSIGNAL SIGTERM
# The program follows: services/rentcar/car/main.ts
ENTRYPOINT ["/usr/local/bin/node","--max-semi-space-size=4","--initial-old-space-size=32","--no-parallel-scavenge"]
