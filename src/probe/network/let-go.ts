import type { EventEmitter } from 'node:events'

/**
 * Makes a stream forget who listened to it as soon as it has closed.
 *
 * A closed socket is not gone: V8 puts a function that is written to a property as it is made into the
 * old generation, and Node 26 makes one such for each writable stream, which holds the stream. So the
 * stream stays until the next full collection, with everything that its listeners reach: the whole run.
 * Without this, every run of a busy probe was copied into the old generation, and those copies stopped
 * the process for tens of milliseconds, in which nothing can be measured.
 */
export function letGoWhenClosed(stream: EventEmitter): void {
  // Those who listen for the end as well are told: who is called is settled before the first of them is.
  stream.once('close', () => {
    stream.removeAllListeners()
    // Node says that none comes any more. One that did would end the process.
    stream.on('error', ignore)
  })
}

const ignore = () => undefined
