/** How an entry of the error catalogue is written, and the function that it becomes: values in, error out. */
import { type ErrorClass, SpillwayError } from './spillway-error.ts'

export interface ErrorEntry<Values> {
  readonly code: string
  /** Public name (DOMAIN section 3), else the catalogue's. */
  readonly name: string
  readonly errorClass: ErrorClass
  readonly text: (values: Values) => string
  readonly hint: string
}

export const entry = <Values>(
  fields: ErrorEntry<Values>,
): ((values: Values, cause?: unknown) => SpillwayError) & { readonly entry: ErrorEntry<Values> } =>
  Object.assign(
    (values: Values, cause?: unknown): SpillwayError =>
      new SpillwayError({
        code: fields.code,
        name: fields.name,
        errorClass: fields.errorClass,
        message: fields.text(values),
        hint: fields.hint,
        ...(cause === undefined ? {} : { cause }),
      }),
    { entry: fields },
  )
