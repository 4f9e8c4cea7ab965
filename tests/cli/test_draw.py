def test_a_run_and_its_recipe_draw_alike(xpnet, trained):
    run, recipe = xpnet("draw", trained), xpnet("draw", "blobs.toml")
    assert (run.code, run.out) == (0, recipe.out)
    assert "0 Linear(4, 6)  weight (6, 4) = 24, bias (6,) = 6" in run.out
    assert "labels: 3, one-hot codes of length 3" in run.out


def test_mermaid(xpnet):
    text = xpnet("draw", "blobs.toml", "--mermaid").out
    assert text.startswith("flowchart LR\n")
    assert "    b2 --> cost\n" in text
