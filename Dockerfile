# One image for every role: `worker` by default, any other tat-cancel command by its name.
# Pin the base by digest before you deploy: docker buildx imagetools inspect node:24-bookworm-slim
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY script/build.mjs script/
COPY src src
RUN node script/build.mjs

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional are a faster reader for answers that BullMQ never gets, and TypeScript, for which valibot has types.
# Four fifths of the cloud's SDK are the clients of its other services, and nothing here reads declarations or maps.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
  && npm sbom --package-lock-only --omit=dev --omit=optional --sbom-format=spdx >sbom.spdx.json \
  && sdk=node_modules/tencentcloud-sdk-nodejs \
  && find $sdk/tencentcloud/services -mindepth 1 -maxdepth 1 ! -name tat -exec rm -r {} + \
  && rm -r $sdk/es $sdk/tencentcloud/index.* \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="tat-cancel" \
      org.opencontainers.image.description="Durable job queue that cancels Tencent Cloud TAT invocations" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=dependencies /app/sbom.spdx.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
RUN ln -s /app/dist/cli/main.js /usr/local/bin/tat-cancel
# By number, so that an orchestrator can tell that it is not root. The base image has this user.
USER 1000:1000
# The server's port, and the metrics' where the files in deploy/ put them.
EXPOSE 8080 9464
# Node itself is the process that gets SIGTERM; run the container with an init (`docker run --init`, compose: `init: true`).
ENTRYPOINT ["tat-cancel"]
CMD ["worker"]
