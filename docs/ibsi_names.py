"""What the features of IBSI 1 are called here: by the tags of its tables of consensus values."""

from __future__ import annotations

__all__ = ["AGGREGATIONS", "IBSI_NAMES", "NOT_HERE"]

IBSI_NAMES = {
    "morph": (
        "shape",
        {
            "volume": "mesh_volume", "vol_approx": "voxel_volume", "area_mesh": "surface_area",
            "av": "surface_volume_ratio", "comp_1": "compactness_1", "comp_2": "compactness_2",
            "sph_dispr": "spherical_disproportion", "sphericity": "sphericity",
            "asphericity": "asphericity", "com": "centre_of_mass_shift", "diam": "maximum_3d_diameter",
            "pca_maj_axis": "major_axis_length", "pca_min_axis": "minor_axis_length",
            "pca_least_axis": "least_axis_length", "pca_elongation": "elongation",
            "pca_flatness": "flatness", "vol_dens_aabb": "volume_density_aligned_box",
            "area_dens_aabb": "area_density_aligned_box", "vol_dens_aee": "volume_density_ellipsoid",
            "area_dens_aee": "area_density_ellipsoid", "vol_dens_conv_hull": "volume_density_convex_hull",
            "area_dens_conv_hull": "area_density_convex_hull", "integ_int": "integrated_intensity",
        },
    ),
    "stat": (
        "first_order",
        {
            "mean": "mean", "var": "variance", "skew": "skewness", "kurt": "excess_kurtosis",
            "median": "median", "min": "minimum", "p10": "10_percentile", "p90": "90_percentile",
            "max": "maximum", "iqr": "interquartile_range", "range": "range",
            "mad": "mean_absolute_deviation", "rmad": "robust_mean_absolute_deviation",
            "medad": "median_absolute_deviation", "cov": "coefficient_of_variation",
            "qcod": "quartile_coefficient_of_dispersion", "energy": "energy", "rms": "root_mean_squared",
        },
    ),
    "ih": (
        "intensity_histogram",
        {
            "mean": "mean", "var": "variance", "skew": "skewness", "kurt": "excess_kurtosis",
            "median": "median", "min": "minimum", "p10": "10_percentile", "p90": "90_percentile",
            "max": "maximum", "mode": "mode", "iqr": "interquartile_range", "range": "range",
            "mad": "mean_absolute_deviation", "rmad": "robust_mean_absolute_deviation",
            "medad": "median_absolute_deviation", "cov": "coefficient_of_variation",
            "qcod": "quartile_coefficient_of_dispersion", "entropy": "entropy", "uniformity": "uniformity",
            "max_grad": "maximum_gradient", "max_grad_g": "maximum_gradient_intensity",
            "min_grad": "minimum_gradient", "min_grad_g": "minimum_gradient_intensity",
        },
    ),
    "ivh": (
        "intensity_volume_histogram",
        {
            "v10": "volume_at_intensity_fraction_10", "v90": "volume_at_intensity_fraction_90",
            "i10": "intensity_at_volume_fraction_10", "i90": "intensity_at_volume_fraction_90",
            "diff_v10_v90": "volume_difference", "diff_i10_i90": "intensity_difference",
        },
    ),
    "loc": ("local_intensity", {"peak_loc": "local_peak", "peak_glob": "global_peak"}),
    "cm": (
        "glcm",
        {
            "joint_max": "maximum_probability", "joint_avg": "joint_average", "joint_var": "sum_squares",
            "joint_entr": "joint_entropy", "diff_avg": "difference_average",
            "diff_var": "difference_variance", "diff_entr": "difference_entropy",
            "sum_avg": "sum_average", "sum_var": "cluster_tendency", "sum_entr": "sum_entropy",
            "energy": "joint_energy", "contrast": "contrast", "dissimilarity": "difference_average",
            "inv_diff": "id", "inv_diff_norm": "idn", "inv_diff_mom": "idm", "inv_diff_mom_norm": "idmn",
            "inv_var": "inverse_variance", "corr": "correlation", "auto_corr": "autocorrelation",
            "clust_tend": "cluster_tendency", "clust_shade": "cluster_shade",
            "clust_prom": "cluster_prominence", "info_corr1": "imc1", "info_corr2": "imc2",
        },
    ),
    "rlm": (
        "glrlm",
        {
            "sre": "short_run_emphasis", "lre": "long_run_emphasis", "lgre": "low_gray_level_run_emphasis",
            "hgre": "high_gray_level_run_emphasis", "srlge": "short_run_low_gray_level_emphasis",
            "srhge": "short_run_high_gray_level_emphasis", "lrlge": "long_run_low_gray_level_emphasis",
            "lrhge": "long_run_high_gray_level_emphasis", "glnu": "gray_level_non_uniformity",
            "glnu_norm": "gray_level_non_uniformity_normalized", "rlnu": "run_length_non_uniformity",
            "rlnu_norm": "run_length_non_uniformity_normalized", "r_perc": "run_percentage",
            "gl_var": "gray_level_variance", "rl_var": "run_variance", "rl_entr": "run_entropy",
        },
    ),
    "szm": (
        "glszm",
        {
            "sze": "small_area_emphasis", "lze": "large_area_emphasis",
            "lgze": "low_gray_level_zone_emphasis", "hgze": "high_gray_level_zone_emphasis",
            "szlge": "small_area_low_gray_level_emphasis", "szhge": "small_area_high_gray_level_emphasis",
            "lzlge": "large_area_low_gray_level_emphasis", "lzhge": "large_area_high_gray_level_emphasis",
            "glnu": "gray_level_non_uniformity", "glnu_norm": "gray_level_non_uniformity_normalized",
            "zsnu": "size_zone_non_uniformity", "zsnu_norm": "size_zone_non_uniformity_normalized",
            "z_perc": "zone_percentage", "gl_var": "gray_level_variance", "zs_var": "zone_variance",
            "zs_entr": "zone_entropy",
        },
    ),
    "dzm": (
        "gldzm",
        {
            "sde": "small_distance_emphasis", "lde": "large_distance_emphasis",
            "lgze": "low_gray_level_zone_emphasis", "hgze": "high_gray_level_zone_emphasis",
            "sdlge": "small_distance_low_gray_level_emphasis",
            "sdhge": "small_distance_high_gray_level_emphasis",
            "ldlge": "large_distance_low_gray_level_emphasis",
            "ldhge": "large_distance_high_gray_level_emphasis", "glnu": "gray_level_non_uniformity",
            "glnu_norm": "gray_level_non_uniformity_normalized", "zdnu": "zone_distance_non_uniformity",
            "zdnu_norm": "zone_distance_non_uniformity_normalized", "z_perc": "zone_percentage",
            "gl_var": "gray_level_variance", "zd_var": "zone_distance_variance",
            "zd_entr": "zone_distance_entropy",
        },
    ),
    "ngl": (
        "gldm",
        {
            "lde": "small_dependence_emphasis", "hde": "large_dependence_emphasis",
            "lgce": "low_gray_level_emphasis", "hgce": "high_gray_level_emphasis",
            "ldlge": "small_dependence_low_gray_level_emphasis",
            "ldhge": "small_dependence_high_gray_level_emphasis",
            "hdlge": "large_dependence_low_gray_level_emphasis",
            "hdhge": "large_dependence_high_gray_level_emphasis", "glnu": "gray_level_non_uniformity",
            "glnu_norm": "gray_level_non_uniformity_normalized", "dcnu": "dependence_non_uniformity",
            "dcnu_norm": "dependence_non_uniformity_normalized", "dc_perc": "dependence_percentage",
            "gl_var": "gray_level_variance", "dc_var": "dependence_variance",
            "dc_entr": "dependence_entropy", "dc_energy": "dependence_energy",
        },
    ),
    "ngt": (
        "ngtdm",
        {name: name for name in ("coarseness", "contrast", "busyness", "complexity", "strength")},
    ),
}  # fmt: skip
AGGREGATIONS = {  # suffix of a tag → what is done with slices and with directions
    "2D_avg": ("average", "average"),
    "2D_comb": ("average", "merge"),
    "2_5D_avg": ("merge", "average"),
    "2_5D_comb": ("merge", "merge"),
    "3D_avg": ("join", "average"),
    "3D_comb": ("join", "merge"),
    "2D": ("average", "average"),
    "2_5D": ("merge", "average"),
    "3D": ("join", "average"),
}

# Of families that are here: no consensus (no value), or left out for what it costs (see `Shape`).
NOT_HERE = {
    "morph_vol_dens_ombb", "morph_area_dens_ombb", "morph_vol_dens_mvee", "morph_area_dens_mvee",
    "morph_moran_i", "morph_geary_c", "ivh_auc",
}  # fmt: skip
