"""What the bytes of a rendition depend on besides its recipe. Read by the server: it must not import a decoder."""

# Raise it with every change that makes another rendition of the same picture and recipe.
RECIPE_REVISION = 1
# The library that resizes and encodes; its version is that of the codecs inside.
ENCODER_DISTRIBUTION = "pyvips-binary"
