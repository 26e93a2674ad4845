/** What a story is likely to cost, in a line beside what is being decided. */
import type { Forecast } from '@sluice/proto/rest.ts'
import { count, usd } from '../parts/words.ts'

export const forecastText = (forecast: Forecast): string =>
  forecast.total
    ? `Half of ${forecast.stories} shipped stories cost up to ${usd(forecast.total.median)}, nine of ten up to ${usd(forecast.total.most)}.`
    : tooFewText(forecast)

export const tooFewText = ({ stories, least }: Forecast): string =>
  `${stories === 0 ? 'No story has' : count(stories, 'story has', 'stories have')} shipped here: from ${least} on, it is told what one is likely to cost.`
