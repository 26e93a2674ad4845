/** The variables that send a command's web traffic to the run's socket: one port inside every jail. */

/** Where the forwarder listens on a jail's own loopback. Model address there: `http://127.0.0.1:4141`. */
export const FORWARD_PORT = 4141

/** What package managers and web clients read to find a proxy, each in the spelling it knows. */
export function proxyEnv(port: number): Record<string, string> {
  const proxy = `http://127.0.0.1:${port}`
  const direct = 'localhost,127.0.0.1,::1'
  return {
    ...{ HTTP_PROXY: proxy, http_proxy: proxy, HTTPS_PROXY: proxy, https_proxy: proxy },
    ...{ npm_config_proxy: proxy, npm_config_https_proxy: proxy, npm_config_noproxy: direct },
    ...{ NO_PROXY: direct, no_proxy: direct, CARGO_HTTP_PROXY: proxy },
    // Node's own fetch and http look at these variables only when asked to.
    NODE_USE_ENV_PROXY: '1',
  }
}
