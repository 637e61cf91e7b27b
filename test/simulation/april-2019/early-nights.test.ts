/** The acceptance simulation of April 2019 (section 11 of the acceptance table), the first half of its seeds. */
import { testNights } from './given-nights.ts'

testNights([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
