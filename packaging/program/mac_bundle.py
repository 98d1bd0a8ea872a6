"""What macOS is told about the program: what it is called, what it opens, and what it needs."""

from __future__ import annotations

IDENTIFIER = "io.github.calotype.calotype"
OLDEST_SYSTEM = "14.0"  # the wheels of torch want it


def info_plist(version: str) -> dict[str, object]:
    """The entries of Info.plist beyond PyInstaller's own."""
    return {
        "CFBundleDisplayName": "Calotype",
        "CFBundleShortVersionString": version,
        "LSApplicationCategoryType": "public.app-category.graphics-design",
        "LSMinimumSystemVersion": OLDEST_SYSTEM,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "Apache License 2.0",
        # Dropping onto the icon; Calotype is an alternative and never the program that opens every picture.
        "CFBundleDocumentTypes": [
            _document("Picture", ["public.image"]),
            _document("Folder of pictures", ["public.folder"]),
            _document("LoRA or model", [f"{IDENTIFIER}.safetensors"]),
            _document("GPU pack", [f"{IDENTIFIER}.calopack"], rank="Owner"),
        ],
        "UTImportedTypeDeclarations": [_kind("safetensors", "Safetensors file")],
        "UTExportedTypeDeclarations": [_kind("calopack", "GPU pack for Calotype")],  # nobody else has these
    }


def _kind(suffix: str, words: str) -> dict[str, object]:
    return {
        "UTTypeIdentifier": f"{IDENTIFIER}.{suffix}",
        "UTTypeDescription": words,
        "UTTypeConformsTo": ["public.data"],
        "UTTypeTagSpecification": {"public.filename-extension": [suffix]},
    }


def _document(name: str, types: list[str], rank: str = "Alternate") -> dict[str, object]:
    return {
        "CFBundleTypeName": name,
        "CFBundleTypeRole": "Viewer",
        "LSHandlerRank": rank,
        "LSItemContentTypes": types,
    }
