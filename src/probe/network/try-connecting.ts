import { connect, isIPv6, type Socket } from 'node:net'
import type { Endpoint } from '../connect-to.ts'

/**
 * Opens a connection to an address, outside of any measured time. The signal ends the attempt, not the
 * connection: whoever gets the socket destroys it.
 */
export async function tryConnecting(
  { host, port }: Endpoint,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket = connect({ host, port, family: isIPv6(host) ? 6 : 4, noDelay: true })
  const onAbort = () => reject(signal.reason)
  socket.once('connect', () => resolve(socket))
  // Stays, so that a later error of a socket nobody reads any more does not end the process.
  socket.on('error', reject)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await promise
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
