import { registerHooks } from 'node:module'
import { expect, test } from 'vitest'
import { openS3Objects } from '../../../../sinks/objects/s3/s3-objects.ts'
import { s3Options } from './given-s3.ts'

test('without the client package one error says what to install', async () => {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      // The test runner names the file of the package.
      if (!/@aws-sdk\/client-s3/.test(specifier)) return next(specifier, context)
      throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
    },
  })
  try {
    const expected = {
      code: 'SPW-0325',
      errorClass: 'stop',
      hint: expect.stringContaining('npm install @aws-sdk/client-s3'),
    }
    await expect(openS3Objects(s3Options())).rejects.toMatchObject(expected)
  } finally {
    hooks.deregister()
  }
})
