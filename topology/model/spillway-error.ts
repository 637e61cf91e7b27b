/**
 * Every error that Spillway raises on purpose: a code that is never reused, a sentence with values, a hint, a class.
 *
 * The class tells the caller what to do. `retry`: infrastructure, wait and repeat. `reject`: this record or request is
 * at fault, the rest goes on. `stop`: a programmer or configuration error, a person must act.
 */
export type ErrorClass = 'retry' | 'reject' | 'stop'

export class SpillwayError extends Error {
  readonly code: string
  readonly errorClass: ErrorClass
  readonly hint: string
  /** Public name where DOMAIN section 3 gives one: the cause of a dead letter. */
  readonly publicName: string

  constructor(fields: {
    readonly code: string
    readonly name: string
    readonly errorClass: ErrorClass
    readonly message: string
    readonly hint: string
    readonly cause?: unknown
  }) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.name = 'SpillwayError'
    this.code = fields.code
    this.publicName = fields.name
    this.errorClass = fields.errorClass
    this.hint = fields.hint
  }
}

/** The class of anything thrown: what is not ours is a programmer error, except inside a bolt, where it rejects the record. */
export const errorClassOf = (error: unknown, otherwise: ErrorClass): ErrorClass =>
  error instanceof SpillwayError ? error.errorClass : otherwise

/** The text of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
