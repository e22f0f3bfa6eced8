/**
 * An id for a command, so that sending it again does nothing twice. By hand: `randomUUID` exists only
 * where the page came over TLS or from this machine.
 */
export const newCommandId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
