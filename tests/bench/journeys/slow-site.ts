import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { raisePriority } from '../raise-priority.ts'

/**
 * A site that answers as late as each request asks for, and tells how long it really took, by its own
 * monotonic clock: from the request's arrival until its answer was handed over.
 */

export type SiteMessage = { kind: 'ready'; url: string } | { kind: 'truth'; id: string; ms: number }

const tell = (message: SiteMessage) => void process.send?.(message)

/** The button asks for what its own address says. */
const PAGE = `<!doctype html><title>Slow</title><button>Ask</button><p></p><script>
document.querySelector('button').onclick = async () => {
  const answer = await fetch('/answer' + document.querySelector('button').dataset.query)
  document.querySelector('p').textContent = await answer.text()
}
</script>`

raisePriority()
const server = createServer((request, response) => {
  const askedAt = performance.now()
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://site.test')
  const id = searchParams.get('id')
  const answer = () => {
    if (pathname === '/page') send(response, 'text/html', PAGE)
    else if (pathname === '/answer') send(response, 'text/plain', id ?? '')
    else response.writeHead(404).end()
    if (id !== null) tell({ kind: 'truth', id, ms: performance.now() - askedAt })
  }
  const delayMs = Number(searchParams.get('ms') ?? 0)
  if (delayMs > 0) setTimeout(answer, delayMs)
  else answer()
})
server.listen(0, '127.0.0.1', () => {
  tell({ kind: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })
})
process.on('disconnect', () => process.exit(0))

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body)
}
