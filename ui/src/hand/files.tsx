/** Choosing files: a button, and the names of those chosen, each to be left out again. */
import { Button, CloseButton, FileButton, Group, Text } from '@mantine/core'

type Props = { files: readonly File[]; onChange: (files: File[]) => void }

export function Files({ files, onChange }: Props) {
  return (
    <Group gap="xs">
      <FileButton multiple onChange={(more) => onChange([...files, ...more])}>
        {(props) => (
          <Button {...props} variant="default" size="xs">
            Attach files…
          </Button>
        )}
      </FileButton>
      {files.map((file, i) => (
        // Two files of one name are two.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Group key={`${file.name} ${i}`} gap={2} className="attached-file">
          <Text size="xs">{file.name || 'pasted picture'}</Text>
          <CloseButton
            size="xs"
            aria-label={`Leave out ${file.name || 'the pasted picture'}`}
            onClick={() => onChange(files.filter((_, at) => at !== i))}
          />
        </Group>
      ))}
    </Group>
  )
}
