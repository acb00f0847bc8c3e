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
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
RUN ln -s /app/dist/cli/main.js /usr/local/bin/tat-cancel
USER node
# Node itself is the process that gets SIGTERM; run the container with an init (`docker run --init`, compose: `init: true`).
ENTRYPOINT ["tat-cancel"]
CMD ["worker"]
