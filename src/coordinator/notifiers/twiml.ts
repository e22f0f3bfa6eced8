/**
 * What a telephone service is to do in a call, in TwiML.
 *
 * @see https://www.twilio.com/docs/voice/twiml
 */

/** Half asleep one needs a moment to find the keys. */
const KEY_WITHIN_S = 10

/** Says sentences twice and waits for one key; without one it says that nothing was done. */
export const askForKey = (
  sentences: readonly string[],
  action: string,
  otherwise: string,
): string => {
  const text = say(sentences)
  const gather = `<Gather numDigits="1" timeout="${KEY_WITHIN_S}" method="POST" action="${escapeXml(action)}">`
  return response(`${gather}${text}<Pause length="1"/>${text}</Gather>${say([otherwise])}`)
}

/** Says sentences and ends the call. */
export const sayAndEnd = (sentences: readonly string[]): string =>
  response(`${say(sentences)}<Hangup/>`)

const response = (verbs: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`

const say = (sentences: readonly string[]) => `<Say>${escapeXml(sentences.join(' '))}</Say>`

/** Signs that XML 1.0 has no way to write. */
const NO_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

const escapeXml = (text: string): string =>
  text
    .replaceAll(NO_XML, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
