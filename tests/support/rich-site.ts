import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A site whose pages paint, fail in parts and complain; it keeps what it was asked. */
export type RichSite = {
  url: string
  seen: { method: string; path: string; headers: IncomingHttpHeaders }[]
  stop(): Promise<void>
}

const SLOW_MS = 250
/** When `/slowest` answers. */
export const SLOWEST_MS = 1_500

const HOME = '<!doctype html><title>Shop</title><h1>Lamps</h1><p>Featured</p>'
const BROKEN = `${HOME}<script src="/missing.js"></script><script>
  console.warn('lamps are low')
  throw new Error('the page threw')
</script>`

const CARD = `<!doctype html><title>Card</title><style>
  * { margin: 0; border: 0; padding: 0 }
  #card { height: 200px; background: #f00 }
  input { display: block; width: 200px; height: 200px; background: #f00 }
</style><div id="card"></div><input type="password" value="secret">`

export async function startRichSite(): Promise<RichSite> {
  const seen: RichSite['seen'] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    seen.push({ method: request.method ?? '', path, headers: request.headers })
    response.setHeader('content-type', 'text/html')
    if (path === '/missing.js') return void response.writeHead(404).end()
    if (path === '/favicon.ico') return void response.writeHead(204).end()
    if (path === '/slow') return void setTimeout(() => response.end(HOME), SLOW_MS)
    if (path === '/slowest') return void setTimeout(() => response.end(HOME), SLOWEST_MS)
    if (path === '/card') return void response.end(CARD)
    response.end(path.startsWith('/broken') ? BROKEN : HOME)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
