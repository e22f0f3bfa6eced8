/** What a server says in PostgreSQL's protocol, for servers that only pretend to be one. */

export function message(type: string, body: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(body)
  const header = Buffer.alloc(5)
  header.write(type)
  header.writeInt32BE(bytes.length + 4, 1)
  return Buffer.concat([header, bytes])
}

export const complaint = (code: string, text: string, severity = 'FATAL'): Buffer =>
  message('E', `S${severity}\0V${severity}\0C${code}\0M${text}\0\0`)

export function authentication(number: number, rest: Buffer | string = ''): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(number)
  return message('R', Buffer.concat([bytes, Buffer.from(rest)]))
}

export const parameter = (name: string, value: string): Buffer =>
  message('S', `${name}\0${value}\0`)

export const READY = message('Z', 'I')

/** A login that is accepted, of whoever it is. */
export const WELCOME = Buffer.concat([
  authentication(0),
  parameter('server_version', '99.1'),
  message('K', Buffer.alloc(8)),
  READY,
])

export function row(...columns: (string | null)[]): Buffer {
  const count = Buffer.alloc(2)
  count.writeInt16BE(columns.length)
  const parts = columns.flatMap((column) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(column === null ? -1 : Buffer.byteLength(column))
    return column === null ? [length] : [length, Buffer.from(column)]
  })
  return message('D', Buffer.concat([count, ...parts]))
}

/** What a transaction around one statement is answered with: begin, the statement, rollback. */
export const around = (...answer: Buffer[]): Buffer =>
  Buffer.concat([message('C', 'SET\0'), READY, ...answer, READY, message('C', 'ROLLBACK\0'), READY])
