import { fetchedPart } from '../parts/fetched-part.tsx'
import { PageHeading } from '../parts/page-heading.tsx'

const LearningContent = fetchedPart(
  async () => (await import('../parts/learning-content.tsx')).LearningContent,
)

export function LearningPage() {
  return (
    <>
      <PageHeading title="Learning">
        What is learnt from incidents, and what is to be done
      </PageHeading>
      <LearningContent />
    </>
  )
}
