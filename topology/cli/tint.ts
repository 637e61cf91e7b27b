/** Colour for people whose terminal shows it. */
import { styleText } from 'node:util'

export type Tint = 'bold' | 'red' | 'yellow' | 'green' | 'gray' | 'cyan'

export const tint = ({ hasColour }: { readonly hasColour: boolean }, colour: Tint, text: string): string =>
  hasColour ? styleText(colour, text, { validateStream: false }) : text
