/**
 * Where something stands in a log. Every range is half-open: `[from, to)`.
 *
 * The brands keep an offset from being passed where a time or a count is meant; they cost nothing at run time.
 */
declare const brand: unique symbol

/** Place of a record in one partition, counted from 0. */
export type Offset = number & { readonly [brand]: 'offset' }
/** Index of a partition of one log, counted from 0. */
export type Partition = number & { readonly [brand]: 'partition' }
/** Number of an epoch in one slot (rows) or one lane (events, objects), counted from 1. */
export type Seq = number & { readonly [brand]: 'seq' }

export const offset = (value: number): Offset => value as Offset // the one place where a number becomes an offset
export const partition = (value: number): Partition => value as Partition // the same, of a partition

/** Half-open range of offsets of one partition. */
export interface OffsetRange {
  readonly from: Offset
  readonly to: Offset
}
