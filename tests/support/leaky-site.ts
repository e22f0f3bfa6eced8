import { createServer, type IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { listenOnLoopback } from './listen.ts'

/** A site that gives back all it is told, in every way a site can. */
export async function startLeakySite() {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const body = await textOf(request)
    const url = new URL(request.url ?? '/', 'http://site')
    asked.push(`${request.method} ${url.pathname}`)
    const told = url.searchParams.get('token') ?? body
    if (url.pathname === '/api')
      return void response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(JSON.stringify({ told, again: Buffer.from(told).toString('base64') })))
    response.setHeader('content-type', 'text/html')
    response.setHeader('set-cookie', `session=${encodeURIComponent(told) || 'none'}`)
    response.end(`<!doctype html><title>Leaky</title>
      <h1>Welcome</h1>
      <p id="told">${told.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>
      <form><label>User <input name="user"></label>
      <label>Password <input type="password" name="password"></label></form>
      <div id="card" style="width: 200px; height: 100px; background: #f00">4111 1111</div>`)
  })
  return { url: await listenOnLoopback(server), asked }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
