/**
 * Every error that Spillway raises on purpose: a code that is never reused, a sentence with values, a hint, a class.
 *
 * The class tells the caller what to do. `retry`: infrastructure, wait and repeat. `reject`: this record or request is
 * at fault, the rest goes on. `stop`: a programmer or configuration error, a person must act.
 */
export type ErrorClass = 'retry' | 'reject' | 'stop'

export interface SpillwayErrorFields {
  readonly code: string
  readonly name: string
  readonly errorClass: ErrorClass
  readonly message: string
  readonly hint: string
  /** The tenant whose data alone the error is about, where that is known. */
  readonly project?: string | undefined
  readonly cause?: unknown
}

export class SpillwayError extends Error {
  readonly code: string
  readonly errorClass: ErrorClass
  readonly hint: string
  /** Public name where DOMAIN section 3 gives one: the cause of a dead letter. */
  readonly publicName: string
  readonly project: string | undefined

  constructor(fields: SpillwayErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.name = 'SpillwayError'
    this.code = fields.code
    this.publicName = fields.name
    this.errorClass = fields.errorClass
    this.hint = fields.hint
    this.project = fields.project
  }
}

/** The class of anything thrown: what is not ours is a programmer error, except inside a bolt, where it rejects the record. */
export const errorClassOf = (error: unknown, otherwise: ErrorClass): ErrorClass =>
  error instanceof SpillwayError ? error.errorClass : otherwise

/** The tenant whose data alone an error is about. */
export const projectOf = (error: unknown): string | undefined =>
  error instanceof SpillwayError ? error.project : undefined

/** The same error about the data of one tenant. */
export const errorAbout = (error: SpillwayError, project: string): SpillwayError => {
  const { code, publicName: name, errorClass, message, hint, cause } = error
  return new SpillwayError({ code, name, errorClass, message, hint, project, cause })
}

/** The text of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** An error on its way to another thread. */
export type PlainError =
  | { readonly fields: SpillwayErrorFields }
  | { readonly message: string; readonly stack: string | undefined }

export const plainErrorOf = (error: unknown): PlainError => {
  if (!(error instanceof SpillwayError))
    return { message: messageOf(error), stack: error instanceof Error ? error.stack : undefined }
  const { code, publicName: name, errorClass, message, hint, project } = error
  return { fields: { code, name, errorClass, message, hint, project } }
}

/** The error as it was thrown there; what is not ours keeps its text and stack. */
export const errorOfPlain = (plain: PlainError): Error => {
  if ('fields' in plain) return new SpillwayError(plain.fields)
  const error = new Error(plain.message)
  if (plain.stack !== undefined) error.stack = plain.stack
  return error
}
