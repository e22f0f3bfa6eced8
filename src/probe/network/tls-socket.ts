import type { Socket } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { letGoWhenClosed } from './let-go.ts'

/** Begins a TLS handshake over a connection that is open already. The two sockets end together. */
export function openTlsSocket(tcp: Socket, options: ConnectionOptions): TLSSocket {
  const socket = connect({ ...options, socket: tcp })
  destroyTogether(tcp, socket)
  // Without a listener an error would end the process. Who waits for the handshake sees it as well,
  // and when nobody does any more, it means nothing.
  socket.on('error', () => undefined)
  letGoWhenClosed(socket)
  return socket
}

/**
 * Node 26 ends with a segmentation fault when the inner socket of a TLS socket is destroyed and then,
 * before it has closed, the TLS socket. A deadline does just that; so whoever destroys the inner one
 * destroys the outer one first.
 */
function destroyTogether(inner: Socket, outer: TLSSocket): void {
  const destroyInner = inner.destroy.bind(inner)
  // Named before it is written to the socket, for the reason in `let-go.ts`.
  const destroyBoth = (error?: Error) => {
    outer.destroy()
    return destroyInner(error)
  }
  inner.destroy = destroyBoth
}
