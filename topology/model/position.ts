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

// The casts below are the one place where a plain number becomes a position.
export const offset = (value: number): Offset => value as Offset
export const partition = (value: number): Partition => value as Partition
export const seq = (value: number): Seq => value as Seq

/** Half-open range of offsets of one partition. */
export interface OffsetRange {
  readonly from: Offset
  readonly to: Offset
}
