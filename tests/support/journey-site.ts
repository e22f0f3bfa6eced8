import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A small site to walk through, which writes down every request. */
export type JourneySite = {
  url: string
  port: number
  /** `METHOD /path`, in the order of arrival. */
  requests: string[]
  stop(): Promise<void>
}

const HOME = `<title>Home</title><h1>Lamp shop</h1>
<form method="post" action="/orders"><button>Place order</button></form>
<form method="post" action="/orders" target="_blank"><button>Place order in a new window</button></form>
<form method="post" action="/moved"><button>Place order elsewhere</button></form>`

const PAGES: Record<string, string> = {
  '/': HOME,
  '/files': '<a href="/file">a file</a> <a href="/endless-file">an endless file</a>',
  '/loud': `<h1>Loud</h1><script>
    for (let i = 0; i < 50; i++) console.error('lamp ' + i + ' is broken')
    setTimeout(() => { throw new Error('the page threw') })
  </script>`,
  '/busy': '<h1>Busy</h1><script>setTimeout(() => { for (;;); }, 50)</script>',
  '/broken-part': '<h1>Page</h1><img src="/502">',
}

const ATTACHMENT = {
  'content-type': 'application/octet-stream',
  'content-disposition': 'attachment; filename="lamp.bin"',
}

/** As much as the other side takes, until it goes. */
function sendEndlessly(request: IncomingMessage, response: ServerResponse): void {
  const chunk = Buffer.alloc(1024 ** 2, 'x')
  response.writeHead(200, ATTACHMENT)
  const send = () => {
    let hasRoom = true
    while (hasRoom && !response.destroyed) hasRoom = response.write(chunk)
  }
  response.on('drain', send)
  request.on('close', () => response.destroy())
  send()
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://site')
  if (pathname.endsWith('/hang')) return // The client's deadline ends this.
  if (pathname === '/moved') return void response.writeHead(307, { location: '/orders' }).end()
  const status = /^\/(\d{3})$/.exec(pathname)?.[1]
  if (pathname === '/endless-file') return void sendEndlessly(request, response)
  if (pathname === '/file')
    return void response.writeHead(200, ATTACHMENT).end('what was asked for')
  response.statusCode = Number(status ?? 200)
  response.setHeader('content-type', 'text/html')
  if (pathname === '/cookie') {
    response.setHeader('set-cookie', 'visited=yes')
    return void response.end(`<h1>${request.headers.cookie ?? 'no cookie'}</h1>`)
  }
  if (pathname === '/host') return void response.end(`<h1>${request.headers.host}</h1>`)
  response.end(PAGES[pathname] ?? `<h1>${status ?? 'a page'}</h1>`)
}

export async function startJourneySite(): Promise<JourneySite> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
