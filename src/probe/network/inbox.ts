/** Characters that may wait for a turn that they match; and pieces. */
export const UNREAD_LENGTH_MAX = 64 * 1024
export const UNREAD_PIECES_MAX = 1_000
/** Of everything that came: what expectations are compared with. */
const RECEIVED_PIECES_MAX = 100

/** Why nothing more will come, in words that read well after "then". */
export type Ending = string

/** Which piece it is in, and where in it it ends. */
export type Seek = (pieces: readonly string[]) => { index: number; end: number } | undefined

export type Inbox = {
  /** Takes in what came; what does not fit any more is dropped, and then the inbox is full. */
  arrive(text: string): void
  /** Nothing more will come. The first reason counts. */
  end(why: Ending): void
  readonly ending: Ending | undefined
  readonly isFull: boolean
  /**
   * Looks for something in what came since the last thing found, and takes away all up to its end.
   * `seek` is given what was not looked at yet.
   */
  find(seek: Seek): boolean
  /** Waits until something comes, or nothing more will. */
  more(): Promise<void>
  /** What came since the last thing found. */
  unread(): string
  /** From the beginning, as far as it is kept. */
  readonly received: readonly string[]
}

/**
 * What came in a conversation and was not understood yet. Of a `stream` all is one text, however it
 * was cut on its way; of `messages` each is by itself.
 */
export function createInbox(kind: 'stream' | 'messages'): Inbox {
  const received: string[] = []
  let unread: string[] = []
  /** Pieces that what is looked for now is not in. */
  let searched = 0
  let unreadLength = 0
  let receivedLength = 0
  let ending: Ending | undefined
  let isFull = false
  let wake = Promise.withResolvers<void>()

  const isEnough = () => unreadLength >= UNREAD_LENGTH_MAX || unread.length >= UNREAD_PIECES_MAX
  const change = () => {
    wake.resolve()
    wake = Promise.withResolvers<void>()
  }

  function keepReceived(text: string): void {
    const kept = text.slice(0, UNREAD_LENGTH_MAX - receivedLength)
    receivedLength += kept.length
    if (kind === 'stream') received[0] = (received[0] ?? '') + kept
    else if (received.length < RECEIVED_PIECES_MAX && (kept !== '' || text === ''))
      received.push(kept)
  }

  function arrive(text: string): void {
    if (kind === 'stream' && text === '') return
    keepReceived(text)
    if (!isFull) {
      if (kind === 'stream') unread = [(unread[0] ?? '') + text]
      else unread.push(text)
      unreadLength += text.length
      isFull = isEnough()
    }
    change()
  }

  function find(seek: Seek): boolean {
    const first = kind === 'stream' ? 0 : searched
    const found = seek(unread.slice(first))
    searched = found ? 0 : unread.length
    if (!found) return false
    const index = first + found.index
    const rest = kind === 'stream' ? (unread[index] ?? '').slice(found.end) : ''
    unread = [...(rest === '' ? [] : [rest]), ...unread.slice(index + 1)]
    unreadLength = unread.reduce((length, text) => length + text.length, 0)
    isFull = isEnough()
    return true
  }

  return {
    arrive,
    find,
    end(why) {
      ending ??= why
      change()
    },
    get ending() {
      return ending
    },
    get isFull() {
      return isFull
    },
    more: () => wake.promise,
    unread: () => unread.join('\n'),
    received,
  }
}
