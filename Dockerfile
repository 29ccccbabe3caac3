# Two images. They do not run as root, and write to /data and /tmp only (docs/containers.md):
#   docker build --target cli -t eks-whois .              the command line, on a distroless image
#   docker build --target service -t eks-whois-local .    the whole service on one machine, as `npm start` runs it
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-bookworm-slim AS checkout
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its scripts here: Node.js 24 is the image's own.
RUN npm ci --ignore-scripts --no-audit
COPY . .

FROM checkout AS build
RUN npm run --silent build

FROM gcr.io/distroless/nodejs24-debian12:nonroot AS cli
WORKDIR /data
COPY --from=build /app/package.json /app/CHANGELOG.md /app/LICENSE /app/eks-whois.schema.json /app/
COPY --from=build /app/bin /app/bin
COPY --from=build /app/dist /app/dist
COPY --from=build /app/docs /app/docs
COPY --from=build /app/examples /app/examples
USER nonroot
ENTRYPOINT ["/nodejs/bin/node", "/app/bin/eks-whois"]

FROM checkout AS service
# What is bundled when it starts goes to /tmp, so that the image's own files may be read-only.
RUN ln -s /tmp node_modules/.cache && mkdir /data && chown node:node /data
USER node
VOLUME ["/data", "/tmp"]
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/eks-whois", "local", "--data", "/data"]
