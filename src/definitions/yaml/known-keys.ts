import { z } from 'zod'
import { type Path, part } from './yaml-file.ts'

/** The keys that the schema knows at a path of the value; for "did you mean". */
export function knownKeys(schema: unknown, value: unknown, path: Path): string[] {
  const [step, ...rest] = path
  if (schema instanceof z.ZodOptional) return knownKeys(schema.unwrap(), value, path)
  if (schema instanceof z.ZodDiscriminatedUnion) {
    // Only the keys of the kind that was written; those of another kind would be wrong again.
    const { discriminator } = schema.def
    const option = schema.options.find(
      (candidate) =>
        candidate instanceof z.ZodObject &&
        candidate.shape[discriminator]?.safeParse(part(value, discriminator)).success,
    )
    return knownKeys(option, value, path)
  }
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => knownKeys(option, value, path))
  if (schema instanceof z.ZodObject)
    return step === undefined
      ? Object.keys(schema.shape)
      : knownKeys(schema.shape[String(step)], part(value, step), rest)
  if (step === undefined)
    return schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum
      ? schema.keyType.options.map(String)
      : []
  if (schema instanceof z.ZodArray) return knownKeys(schema.element, part(value, step), rest)
  if (schema instanceof z.ZodRecord) return knownKeys(schema.valueType, part(value, step), rest)
  return []
}
