/** Every route web serves, as its contract says it. A test holds it against what is served, both ways. */
import type { Route } from './route.ts'
import { fileRoutes } from './routes/files.ts'
import { forkContract } from './routes/forks.ts'
import { houseRoutes } from './routes/house.ts'
import { memoryRoutes } from './routes/memory.ts'
import { reviewerRoutes } from './routes/reviewers.ts'
import { seatDoorContract } from './routes/seat-door.ts'
import { storyRoutes } from './routes/stories.ts'

export const routes: readonly Route[] = [
  ...storyRoutes,
  ...forkContract,
  ...reviewerRoutes,
  ...seatDoorContract,
  ...memoryRoutes,
  ...houseRoutes,
  ...fileRoutes,
]
