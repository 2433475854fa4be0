// Names that only C strings mention: none.
