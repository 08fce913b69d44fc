//go:build cgo

package aim

import (
	"image"
	"image/color"
	"image/draw"
)

// FromImage is an image of the package image, stored as PNG: grey as grey, what has 16 bits a channel with 16, all else with
// 8. [image.Gray], [image.NRGBA] and an opaque [image.RGBA] are handed over as they are, others copied.
func FromImage(img image.Image) Object {
	bounds := img.Bounds()
	form := func(pixels []uint8, stride, channels int) Object {
		return Object{form: &pixelForm{data: first(pixels), width: bounds.Dx(), height: bounds.Dy(), channels: channels,
			element: element[uint8](), stride: stride}}
	}
	switch img := img.(type) {
	case *image.Gray:
		return form(img.Pix, img.Stride, 1)
	case *image.NRGBA:
		return form(img.Pix, img.Stride, 4)
	case *image.RGBA:
		if img.Opaque() {
			return form(img.Pix, img.Stride, 4)
		}
	case *image.Gray16:
		return fromDeep(bounds, 1, func(x, y int, to []uint16) { to[0] = img.Gray16At(x, y).Y })
	}
	if model := img.ColorModel(); model == color.NRGBA64Model || model == color.RGBA64Model {
		return fromDeep(bounds, 4, func(x, y int, to []uint16) {
			c := color.NRGBA64Model.Convert(img.At(x, y)).(color.NRGBA64)
			copy(to, []uint16{c.R, c.G, c.B, c.A})
		})
	}
	copied := image.NewNRGBA(bounds)
	draw.Draw(copied, bounds, img, bounds.Min, draw.Src)
	return form(copied.Pix, copied.Stride, 4)
}

// fromDeep is an image of 16-bit channels.
func fromDeep(bounds image.Rectangle, channels int, read func(x, y int, to []uint16)) Object {
	pixels := make([]uint16, bounds.Dx()*bounds.Dy()*channels)
	at := 0
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			read(x, y, pixels[at:at+channels])
			at += channels
		}
	}
	return FromPixels(pixels, bounds.Dx(), bounds.Dy(), channels)
}
