/** Whether everything is to be tried as often as it should be, however long that takes. */
const IS_LONG = process.env.TESTS === 'long'

/** How much a test tries: `npm test` is content with a selection, `npm run test:long` is not. */
export const longOrShort = <T>({ long, short }: { long: T; short: T }): T =>
  IS_LONG ? long : short
