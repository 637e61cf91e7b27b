/** What a schema in another language says of where it comes from and of what it leaves out. */
import type { CollectionSchema } from './read-schema-state.ts'

export const schemaDoc = ({ events, unpublished, approximate }: CollectionSchema): string =>
  [
    `Inferred from ${events} event${events === 1 ? '' : 's'}.`,
    ...(unpublished > 0 ? [`${unpublished} more paths are not described.`] : []),
    ...(approximate ? ['Some names were counted together because there are too many.'] : []),
  ].join(' ')
