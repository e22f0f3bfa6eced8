/** What is wrong with a message, in words; thrown by all that reads one, and nothing else is. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

/** RFC 1035 §2.3.4, of a name as it is sent. */
export const NAME_BYTES_MAX = 255
export const LABEL_BYTES_MAX = 63
/** Every label of the longest name behind a pointer of its own. */
const POINTERS_MAX = 127

/**
 * Reads a DNS message, or a part of one, from front to back. Every read is bounded by the part's end,
 * and names by their length and the number of their pointers, each of which leads further to the front
 * (RFC 9267 has what happens otherwise).
 *
 * All methods throw a {@link MalformedMessage} when the bytes are not what they should be.
 */
export class MessageReader {
  readonly #message: Buffer
  readonly #end: number
  #at: number

  constructor(message: Buffer, at = 0, end = message.length) {
    this.#message = message
    this.#at = at
    this.#end = end
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.#end - this.#at
  }

  u8(): number {
    return this.#message.readUInt8(this.#take(1))
  }

  u16(): number {
    return this.#message.readUInt16BE(this.#take(2))
  }

  u32(): number {
    return this.#message.readUInt32BE(this.#take(4))
  }

  bytes(count: number): Buffer {
    const from = this.#take(count)
    return this.#message.subarray(from, from + count)
  }

  rest(): Buffer {
    return this.bytes(this.left)
  }

  /** Bytes with their number in front. */
  characterString(): Buffer {
    return this.bytes(this.u8())
  }

  /** A reader of the next bytes only; names in it may still point to the front of the message. */
  part(bytes: number): MessageReader {
    const from = this.#take(bytes)
    return new MessageReader(this.#message, from, from + bytes)
  }

  /** A name as in a zone file, with a dot at its end. */
  name(): string {
    const labels: string[] = []
    let [at, end, front] = [this.#at, this.#end, this.#at]
    let [bytes, pointers] = [1, 0]
    for (;;) {
      const length = this.#byteAt(at, end)
      if (length >= 0xc0) {
        const target = ((length & 0x3f) << 8) | this.#byteAt(at + 1, end)
        if (target >= front) throw new MalformedMessage('a name points to itself or further back')
        if (++pointers > POINTERS_MAX) throw new MalformedMessage('a name has too many pointers')
        if (pointers === 1) this.#at = at + 2
        at = front = target
        end = this.#message.length
        continue
      }
      if (length > LABEL_BYTES_MAX)
        throw new MalformedMessage('a name has a label of a type that does not exist')
      at += 1 + length
      if (at > end) throw new MalformedMessage('a name ends behind its end')
      if (length === 0) break
      bytes += 1 + length
      if (bytes > NAME_BYTES_MAX)
        throw new MalformedMessage(`a name is longer than ${NAME_BYTES_MAX} bytes`)
      labels.push(labelText(this.#message.subarray(at - length, at)))
    }
    if (pointers === 0) this.#at = at
    return `${labels.join('.')}.`
  }

  #byteAt(at: number, end: number): number {
    const byte = at < end ? this.#message[at] : undefined
    if (byte === undefined) throw new MalformedMessage('a name ends behind its end')
    return byte
  }

  #take(bytes: number): number {
    if (bytes > this.left) throw new MalformedMessage('a part of it ends behind its end')
    this.#at += bytes
    return this.#at - bytes
  }
}

const PLAIN_LABEL = /^[A-Za-z0-9_-]*$/

/** RFC 1035 §5.1: what means something in a zone file has a backslash in front, or is a number. */
function labelText(label: Buffer): string {
  const text = label.toString('latin1')
  return PLAIN_LABEL.test(text) ? text : escapeBytes(text.replace(/["().;\\@$]/g, '\\$&'), 0x20)
}

/** A character string in quotes, as in a zone file. */
export const quotedText = (bytes: Buffer): string =>
  `"${escapeBytes(bytes.toString('latin1').replace(/["\\]/g, '\\$&'), 0x1f)}"`

/** What is no printable ASCII becomes its number: `\195`. */
function escapeBytes(latin1: string, controlMax: number): string {
  return latin1.replace(/[^\x21-\x7e]/g, (character) => {
    const code = character.charCodeAt(0)
    return code > controlMax && code < 0x7f ? character : `\\${String(code).padStart(3, '0')}`
  })
}
