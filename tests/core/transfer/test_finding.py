"""Which files of a folder are pictures, and which say something of them."""

from photostore.transfer.finding import folders_in


def test_pictures_are_found_with_what_is_said_of_them() -> None:
    [folder] = folders_in(
        ["a/one.jpg", "a/one.jpg.xmp", "a/two.dng", "a/two.xmp", "a/three.png", "a/three.png.json", "a/three.png.xmp"]
    )

    assert {each.path: each.beside for each in folder.pictures} == {
        "a/one.jpg": ("a/one.jpg.xmp",),
        "a/two.dng": ("a/two.xmp",),
        "a/three.png": ("a/three.png.json", "a/three.png.xmp"),
    }
    assert folder.saying == ()


def test_videos_and_documents_of_nobody_are_told_apart() -> None:
    [folder] = folders_in(["a/live.HEIC", "a/live.MP4", "a/metadata.json", "a/lost.jpg.json"])

    assert [each.path for each in folder.pictures] == ["a/live.HEIC"]
    assert folder.videos == ("a/live.MP4",)
    assert folder.saying == ("a/lost.jpg.json", "a/metadata.json")


def test_what_systems_put_beside_people_s_files_is_passed_over() -> None:
    paths = ["a/Thumbs.db", "a/.DS_Store", "a/._x.jpg", "__MACOSX/a.jpg", "a/@eaDir/x.jpg", ".git/x.jpg", "a/x.jpg"]

    [folder] = folders_in(paths)

    assert [each.path for each in folder.pictures] == ["a/x.jpg"]
