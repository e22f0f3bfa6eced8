import { createServer } from 'node:net'

/** The port that people know, or any free one when another process listens there. */
export async function preferPort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const found = await tryPort(port)
    if (found !== undefined) return found
  }
  return 0
}

function tryPort(port: number): Promise<number | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      const found = typeof address === 'object' && address ? address.port : undefined
      server.close(() => resolve(found))
    })
  })
}
