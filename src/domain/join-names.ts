/** `eu-west`, `eu-west and us-east`, `eu-west, us-east and ap-south`. */
export function joinNames(names: readonly string[]): string {
  if (names.length <= 1) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
