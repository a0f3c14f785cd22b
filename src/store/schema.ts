import { eighthSchema } from './migrations/eighth-schema.ts'
import { fifthSchema } from './migrations/fifth-schema.ts'
import { firstSchema } from './migrations/first-schema.ts'
import { fourthSchema } from './migrations/fourth-schema.ts'
import { ninthSchema } from './migrations/ninth-schema.ts'
import { secondSchema } from './migrations/second-schema.ts'
import { seventhSchema } from './migrations/seventh-schema.ts'
import { sixthSchema } from './migrations/sixth-schema.ts'
import { tenthSchema } from './migrations/tenth-schema.ts'
import { thirdSchema } from './migrations/third-schema.ts'

/**
 * The numbered migrations. Each runs in a transaction of its own and is never changed once released; `user_version`
 * is the number of those that ran. Times are milliseconds since 1970. Columns named `*_sealed` hold AES-256-GCM.
 */
export const migrations: string[] = [
  firstSchema,
  secondSchema,
  thirdSchema,
  fourthSchema,
  fifthSchema,
  sixthSchema,
  seventhSchema,
  eighthSchema,
  ninthSchema,
  tenthSchema,
]
