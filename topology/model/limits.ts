/** Bounds that are not knobs, each with its derivation. A bound that two places must agree on stands here. */

// 1 MiB: DOMAIN section 2. Larger records are dead-lettered by their size, before a byte is scanned.
export const eventBytesMax = 1_048_576
// DOMAIN section 2: the Java client stops at 1,000 levels.
export const nestingLevelsMax = 1_000
// DOMAIN section 2: the documented limit; it becomes part of keys and tables.
export const collectionNameMax = 64
// A path component of common file systems holds 255 bytes; percent-encoding is refused above it by the object key.
export const projectNameMax = 255
// 12 + 10 bits of keen.id (DOMAIN section 1).
export const partitionMax = 2 ** 22 - 1
// 52 bits of keen.id: 4.5e15 records, 14 years at 10 million a second.
export const offsetMax = 2 ** 52 - 1
// Records per bucket of event rows: offset >> 18 (PROTOCOL section 6), about 100 MB of rows of 400 bytes.
export const bucketOffsetBits = 18
// Fewer records say nothing about a ratio.
export const rejectWindowRecords = 100
// PROTOCOL section 2: a fixed small number; a shard sum reads partitions x slots rows.
export const slotsPerSink = 4
// Rejects kept whole; longer values are cut with a note, so that poison cannot fill the store.
export const deadLetterBytesMax = 65_536

/** Of one sink in a partition: a document must stay small, however long a backlog lasts and however many tenants are held. */
export const lanesPerSinkMax = 64
